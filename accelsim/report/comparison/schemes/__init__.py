"""A comparison of schemes for people and for other programs: what each costs, and how right it still is."""
