/**
 * The users, devices and calls of the tests.
 */
import { CallId, DeviceId, GroupId } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"

const userId = (digit: number): UserId => UserId.make(`01900000-0000-7000-8000-00000000000${digit}`)

/** In the order of their ids. */
export const ann = userId(1)
export const bob = userId(2)
export const cid = userId(3)
export const dee = userId(4)
export const eve = userId(5)
export const fay = userId(6)
export const gus = userId(7)
export const hal = userId(8)
export const ivy = userId(9)
export const people = [ann, bob, cid, dee, eve, fay, gus, hal, ivy] as const

export const phone = DeviceId.make("phone")
export const laptop = DeviceId.make("laptop")

export const thisCall = CallId.make("01900000-0000-7000-8000-0000000000c1")
export const anotherCall = CallId.make("01900000-0000-7000-8000-0000000000c2")
export const team = GroupId.make("team")
