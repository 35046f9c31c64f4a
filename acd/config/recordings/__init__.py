"""[recordings]: where they lie, for how long they are kept, and which classes are kept longer."""
