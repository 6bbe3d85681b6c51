"""Learn the risk of default from any matrix: boosted trees and a smooth scorecard, weighed by what unseen rows say."""
