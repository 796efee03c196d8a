"""Where frames come from: files, cameras and folders behind one VideoSource protocol."""
