"""The proposer: entrance lines drawn from where people were seen to appear, to walk and to disappear."""
