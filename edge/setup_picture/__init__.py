"""The set-up picture: what a camera looks at without anybody in it, made only when head office asks for it."""
