"""The backends that come with chatdouble, each written as a stranger's would be."""
