"""What becomes of proposed plans: released, delivered, due; and what clinicians made of the cards."""
