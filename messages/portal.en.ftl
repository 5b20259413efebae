# What reporters read.
