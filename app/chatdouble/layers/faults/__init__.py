"""What can go wrong with an answer, each fault by itself, and the layer that chooses which happen."""
