"""What leaves as what: personal data is shown, masked or hidden by value."""
