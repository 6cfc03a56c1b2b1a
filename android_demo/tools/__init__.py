"""Makes the fixtures of the app's tests."""
