"""The models: pairwise, network and component meta-analysis, what can be estimated at all, and exact Bayes."""
