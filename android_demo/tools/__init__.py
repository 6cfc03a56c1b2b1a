"""Programs of the app's build (Java), and what makes the files that its tests compare with (Python)."""
