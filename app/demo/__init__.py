"""The demo: two scripted artists whose works the house paints itself, and the main job from end to end."""
