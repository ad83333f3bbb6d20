"""Every vendor, in every phase of its life, with every fault: does it show what is true?"""
