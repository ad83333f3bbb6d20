"""Months of every vendor in a real Home Assistant: how long is something false shown?"""
