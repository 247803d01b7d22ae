"""What a model would have said, obeying the whole request: the tools every backend composes answers with."""
