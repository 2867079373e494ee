"""What is this file, and who holds a claim in it?"""
