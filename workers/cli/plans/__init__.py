"""What becomes of proposed plans: `release`, `deliveries`,
what is `due`, and `feedback` of clinicians on the cards.
"""
