"""The story of a study: four groups in two countries, two arms, three waves of questions, and what comes of it."""
