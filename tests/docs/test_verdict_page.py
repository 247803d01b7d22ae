"""The page of the verdict: every kind as the code has it, and every block as printed."""

import subprocess
import sys
from pathlib import Path

import pytest

from chatdouble.settings import Settings, load
from processes import environment
from raw import post
from test_blocks import blocks  # the other test of this folder

ROOT = Path(__file__).parents[2]
PAGE = "verdict.md"
