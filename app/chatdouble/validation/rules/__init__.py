"""The rules that the published contract does not show, one small function each; `table` lists them all."""
