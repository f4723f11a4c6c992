"""From snapshots to profiles and flags: candidates, comparisons, weights, clusters, flags."""
