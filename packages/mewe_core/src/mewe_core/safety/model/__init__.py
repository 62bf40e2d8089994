"""What is asked of safety and what it answers, and the rows it keeps."""
