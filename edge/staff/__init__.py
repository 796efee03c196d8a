"""Staff: who works here, by rules that hold for every member of staff alike."""
