"""The models: their families, limits, snapshots and manners."""
