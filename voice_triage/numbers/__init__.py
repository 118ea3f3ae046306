"""Numbers over time: how often, how soon, how right, by week or month, with the calls behind each figure."""
