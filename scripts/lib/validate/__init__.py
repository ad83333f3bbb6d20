"""The offline half of what Home Assistant's and HACS's validators check."""
