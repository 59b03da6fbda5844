"""What happens inside a trained model. It returns data and draws nothing."""
