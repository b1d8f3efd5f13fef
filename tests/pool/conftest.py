"""Workers get this process's sys.path: with this folder on it they can import pool_calls."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
