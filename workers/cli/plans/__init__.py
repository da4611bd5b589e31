"""What becomes of proposed plans: `release`, `deliveries`, what is `due`, clinicians' `feedback` on cards."""
