"""Statistics for few people in few groups. Arrays in, frozen results out; nothing here knows a file, a plan or a country."""
