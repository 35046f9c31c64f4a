"""Better voices, recordings of people, and the ear that checks them."""
