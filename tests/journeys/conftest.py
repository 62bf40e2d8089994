"""The story has a chat in it: it is played where there is one."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("mewe_chat") else ["test_demo.py"]
