"""Whoever has redeemed a code is confirmed by somebody who has them in front of them."""
