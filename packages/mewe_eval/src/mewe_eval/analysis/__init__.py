"""From a plan and a table to results, with everything that is needed to defend each number."""
