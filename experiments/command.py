"""Run one of the project's commands in this interpreter: `python -m experiments.command mobilenet-info --help`."""

import sys
from importlib.metadata import entry_points

if __name__ == "__main__":
    name = sys.argv.pop(1)
    (command,) = entry_points(group="console_scripts", name=name)
    command.load()(prog_name=name)
