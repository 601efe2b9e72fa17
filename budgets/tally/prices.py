"""Prices of limits under which few projects are worth more than what they take: proposed by floats, proving nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 40


def proposed(
    worth: list[float], takes: list[tuple[tuple[int, int], ...]], limits: tuple[int, ...], unit: int
) -> tuple[int, ...]:
    """For each limit the price of one of what it limits, times `unit`. `worth[i]` and `takes[i]` (place of a limit, how
    much of it) are those of item i.
    """
    if not worth:
        return (0,) * len(limits)
    pricing = Pricing(worth, takes, limits)
    return tuple(int(price * (1 << 40)) * unit >> 40 for price in pricing.prices().tolist())


class Pricing:
    """`takes[k, i]`: how much of limit k item i takes."""

    def __init__(self, worth: list[float], takes: list[tuple[tuple[int, int], ...]], limits: tuple[int, ...]) -> None:
        self.worth, self.limits = np.array(worth), np.array(limits, dtype=np.float64)
        self.takes = np.zeros((len(limits), len(worth)))
        for i, taken in enumerate(takes):
            for k, much in taken:
                self.takes[k, i] = much

    def gains(self, prices: Floats) -> Floats:
        gains: Floats = self.worth - prices @ self.takes
        return gains

    def bound(self, prices: Floats) -> float:
        """What no set of items is worth more than; the lower, the better the prices."""
        return float(prices @ self.limits + np.maximum(self.gains(prices), 0).sum())

    def prices(self) -> Floats:
        """Each price in turn is set to the best beside the others, then all are moved at once, up where too much would
        be bought and down where too little."""
        prices = np.zeros(len(self.limits))
        best, least = prices, self.bound(prices)
        for step in range(ROUNDS):
            for k in range(len(prices)):
                prices[k] = self._best_price(k, prices)
            bound = self.bound(prices)
            if bound < least:
                best, least = prices.copy(), bound
            over = self.takes[:, self.gains(prices) > 0].sum(axis=1) - self.limits
            size = (over * over).sum()
            if not size or len(prices) == 1:
                break
            prices = np.maximum(best + over * (0.02 * least / (step + 1) / size), 0)
        return best

    def _best_price(self, k: int, prices: Floats) -> float:
        """Beside the other prices: that of the last item for which limit k still has room."""
        takes = self.takes[k]
        others = self.gains(prices) + prices[k] * takes
        ratio = np.divide(others, takes, out=np.full(len(takes), -1.0), where=takes > 0)
        falling = np.argsort(-ratio, kind="stable")
        full = int(np.searchsorted(np.cumsum(takes[falling]), self.limits[k], side="right"))
        return max(0.0, float(ratio[falling[full]])) if full < len(takes) else 0.0
