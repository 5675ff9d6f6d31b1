// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A feed with the interface of Chainlink's aggregators, whose round anyone can set.
///
/// As a price, the answer has `decimals` decimals. As the uptime feed of a sequencer, the answer is 0 while the
/// sequencer is up and 1 while the sequencer is down, and `startedAt` is the time of the last change.
contract PriceFeed {
  uint8 public immutable decimals;
  string public description;
  uint256 public constant version = 4;

  uint80 private roundId = 1;
  int256 private answer;
  uint256 private startedAt;
  uint256 private updatedAt;

  constructor(string memory description_, uint8 decimals_, int256 answer_) {
    description = description_;
    decimals = decimals_;
    answer = answer_;
    startedAt = block.timestamp;
    updatedAt = block.timestamp;
  }

  /// Starts a new round. Times are seconds since 1970.
  function setRound(int256 answer_, uint256 startedAt_, uint256 updatedAt_) external {
    roundId++;
    answer = answer_;
    startedAt = startedAt_;
    updatedAt = updatedAt_;
  }

  function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
    return (roundId, answer, startedAt, updatedAt, roundId);
  }
}
