"""The agent's consent window and the card tray in real Chromium; the checks are in card_window_test.mjs."""
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def test_windows_in_chromium():
    done = subprocess.run(["node", str(HERE / "card_window_test.mjs")], capture_output=True, text=True, timeout=600,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
