// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The reading side of the SubscriptionManager of the former system. Anyone can set its entries.
contract FormerSubscriptions {
    struct Subscription {
        uint256 id;
        address user;
        uint8 tier;
        uint8 duration;
        uint8 status;
        uint256 startTime;
        uint256 endTime;
        uint256 amount;
        address paymentToken;
        bool autoRenew;
        uint256 createdAt;
    }

    struct NFTMembership {
        uint256 tokenId;
        address owner;
        uint8 tier;
        uint256 mintedAt;
        bool active;
    }

    mapping(address => uint256) public userSubscriptions;
    mapping(address => uint256) public userNFTMemberships;
    mapping(uint256 => Subscription) private _subscriptions;
    mapping(uint256 => NFTMembership) private _memberships;

    function getSubscription(uint256 id) external view returns (Subscription memory) {
        return _subscriptions[id];
    }

    function getNFTMembership(uint256 tokenId) external view returns (NFTMembership memory) {
        return _memberships[tokenId];
    }

    function setSubscription(address user, uint256 id, uint8 tier, uint8 status, uint256 endTime) external {
        userSubscriptions[user] = id;
        _subscriptions[id] = Subscription(
            id, user, tier, 0, status, block.timestamp, endTime, 0, address(0), false, block.timestamp
        );
    }

    function setMembership(address owner, uint256 tokenId, uint8 tier, bool active) external {
        userNFTMemberships[owner] = tokenId;
        _memberships[tokenId] = NFTMembership(tokenId, owner, tier, block.timestamp, active);
    }
}
