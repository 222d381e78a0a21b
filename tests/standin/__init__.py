"""Tests of the stand-in Azure."""
