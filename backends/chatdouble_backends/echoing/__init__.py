"""What the echo backend says, one file for each kind of answer."""
