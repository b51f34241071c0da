"""How fast we are, as ratios against a peer measured in the same run on the same machine."""
