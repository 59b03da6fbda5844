"""The commands, one file each, loaded when that command is called."""
