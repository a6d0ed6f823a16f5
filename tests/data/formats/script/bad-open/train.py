# /// script
# dependencies = ["numpy"]
