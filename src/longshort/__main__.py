"""`python -m longshort`: the same as the command `longshort`."""

from longshort.cli import main

if __name__ == "__main__":
    main()
