package org.mobilenet_tf.demo.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

class FramesTest {
    private fun plane(bytes: Int) = ByteBuffer.allocate(bytes)

    private fun refused(block: () -> Unit) = assertThrows(IllegalArgumentException::class.java, block).message!!

    @Test
    fun yuv_whenPlanesEndWithTheirLastSample_thenTaken() {
        val frame = YuvFrame()
        frame.set(5, 3, plane(2 * 8 + 5), plane(8 + 5), plane(8 + 5), Strides(8, 1, 8, 2))
        assertEquals(5 to 3, frame.width to frame.height)
    }

    @Test
    fun yuv_whenAPlaneIsAByteShort_thenRefusedByItsName() {
        val luma = refused { YuvFrame().set(5, 3, plane(20), plane(13), plane(13), Strides(8, 1, 8, 2)) }
        assertTrue(luma, "expected 21 bytes in plane Y" in luma)
        val chroma = refused { YuvFrame().set(5, 3, plane(21), plane(13), plane(12), Strides(8, 1, 8, 2)) }
        assertTrue(chroma, "expected 13 bytes in plane V" in chroma)
    }

    @Test
    fun frame_whenItHasNoPixel_thenRefused() {
        refused { ArgbFrame().set(0, 3, IntArray(9)) }
        refused { YuvFrame().set(3, 0, plane(9), plane(9), plane(9), Strides(3, 1, 3, 1)) }
    }

    @Test
    fun argb_whenPixelsAreTooFew_thenRefused() {
        refused { ArgbFrame().set(3, 3, IntArray(8)) }
        refused { ArgbFrame().set(65536, 65536, IntArray(8)) } // more than an Int holds
    }

    @Test
    fun preprocess_whenNoFrameWasSet_thenRefused() {
        refused { Preprocess(4).run(ArgbFrame(), Orientation.UPRIGHT) }
    }
}
