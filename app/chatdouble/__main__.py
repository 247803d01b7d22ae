"""`python -m chatdouble`."""

from chatdouble.cli import main

if __name__ == "__main__":
    main()
